"""Who asked whom, what changed in the map of who needs whom, and what was foretold of runs. There is no way down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "traffic",
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", key, nullable=False),
        sa.Column("target", key, nullable=False),
        sa.Column("operation", key, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("at", "source", "target", "operation", name=op.f("pk_traffic")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_traffic_source_at", "traffic", ["source", "at"])
    op.create_index("ix_traffic_target_at", "traffic", ["target", "at"])
    op.create_table(
        "map_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", key, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_changes")),
    )
    op.create_index("ix_map_changes_at", "map_changes", ["at"])
    op.create_table(
        "foretold",
        sa.Column("run", key, nullable=False),
        sa.Column("workflow", key, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("median", sa.Float(), nullable=True),
        sa.Column("long", sa.Float(), nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_foretold")),
    )
    op.create_index("ix_foretold_at", "foretold", ["at"])
    op.create_index("ix_foretold_workflow_at", "foretold", ["workflow", "at"])

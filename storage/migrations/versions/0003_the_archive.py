"""Facts of runs long over, packed; what is pruned is found by its time. There is no way down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "archive",
        sa.Column("run", key, nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_archive_run")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_archive")),
    )
    op.create_index(op.f("ix_claims_run"), "claims", ["run"])
    op.drop_index(op.f("ix_claims_at"), "claims")
    op.create_index(op.f("ix_web_messages_at"), "web_messages", ["at"])
    op.create_index(op.f("ix_drafts_asked_at"), "drafts", ["asked_at"])

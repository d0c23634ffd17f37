"""Files that people handed over; what the sandbox remembers. There is no way down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "files",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", key, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", key, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_files")),
        sa.UniqueConstraint("id", name=op.f("uq_files_id")),
    )
    op.create_index(op.f("ix_files_at"), "files", ["at"])
    op.create_table(
        "things",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service", key, nullable=False),
        sa.Column("kind", key, nullable=False),
        sa.Column("id", key, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_things")),
        sa.UniqueConstraint("service", "kind", "id", name=op.f("uq_things_service_kind_id")),
    )
    op.create_index(op.f("ix_things_service_at"), "things", ["service", "at"])
    op.create_index(op.f("ix_things_at"), "things", ["at"])

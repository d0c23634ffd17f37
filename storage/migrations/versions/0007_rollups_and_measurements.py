"""Rollups of samples, and measurements of any series. There is no way down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "rollups",
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("service", key, nullable=False),
        sa.Column("account", key, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("untold", sa.Integer(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("sandbox", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("span", "at", "service", "account", "source", name=op.f("pk_rollups")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rollups_service_span_at", "rollups", ["service", "span", "at"])
    op.create_table(
        "series",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", key, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_series")),
        sa.UniqueConstraint("name", name=op.f("uq_series_name")),
    )
    op.create_table(
        "measurements",
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["series"], ["series.number"], name=op.f("fk_measurements_series_series")),
        sa.PrimaryKeyConstraint("series", "at", name=op.f("pk_measurements")),
        sqlite_with_rowid=False,
    )

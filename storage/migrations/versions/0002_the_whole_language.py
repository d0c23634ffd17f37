"""What runs wait for and whom they belong to; what several processes share. There is no way down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("state NOT IN ('succeeded', 'failed', 'cancelled')")
IN_LINE = sa.text("queue <> '' AND state NOT IN ('succeeded', 'failed', 'cancelled')")
BORN = sa.text("parent <> ''")


def upgrade() -> None:
    op.add_column("runs", sa.Column("wake_at", sa.BigInteger(), nullable=True))
    op.add_column("runs", sa.Column("parent", sa.Text(), server_default="", nullable=False))
    op.add_column("runs", sa.Column("alert", sa.Text(), server_default="", nullable=False))
    op.add_column("runs", sa.Column("queue", sa.Text(), server_default="", nullable=False))
    op.add_column("runs", sa.Column("rank", sa.Integer(), server_default="2", nullable=False))
    op.create_index("ix_runs_unfinished", "runs", ["started_at", "id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
    op.create_index("ix_runs_queue", "runs", ["queue"], sqlite_where=IN_LINE, postgresql_where=IN_LINE)
    op.create_index("ix_runs_parent", "runs", ["parent"], sqlite_where=BORN, postgresql_where=BORN)
    op.create_table(
        "waits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waits")),
        sa.UniqueConstraint("run", "step", name=op.f("uq_waits_run_step")),
    )
    op.create_index(op.f("ix_waits_event_id"), "waits", ["event", "id"])
    op.create_table(
        "claims",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_at"), "claims", ["at"])
    op.create_table(
        "gatherings",
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workflow", "key", name=op.f("pk_gatherings")),
    )
    op.create_index(op.f("ix_gatherings_due_at"), "gatherings", ["due_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "allowances",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("used", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_allowances")),
    )
    if op.get_bind().dialect.name == "postgresql":
        order_by_bytes()


def order_by_bytes() -> None:
    """Text of every table so far: ids are compared and ordered as SQLite does it, whatever language the server speaks."""
    mine = sa.text(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND data_type = 'text'"
    )
    for table, column in op.get_bind().execute(mine).all():
        op.execute(sa.text(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE text COLLATE "C"'))

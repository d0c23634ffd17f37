"""Incidents, leases and escalations of alerts; what people set for the watch; what detectors have learnt. There is no way down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MEMBER = sa.text("incident <> ''")
TIMED = sa.text("due_at IS NOT NULL")
OPEN = sa.text("state <> 'resolved'")


def upgrade() -> None:
    key = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    with op.batch_alter_table("alerts") as alerts:
        alerts.add_column(sa.Column("labels", sa.Text(), nullable=False, server_default="{}"))
        alerts.add_column(sa.Column("source", key, nullable=False, server_default="monitor"))
        alerts.add_column(sa.Column("incident", key, nullable=False, server_default=""))
        alerts.add_column(sa.Column("trace", sa.Text(), nullable=False, server_default="[]"))
        alerts.add_column(sa.Column("quiet", sa.Text(), nullable=False, server_default=""))
        alerts.add_column(sa.Column("runbook", sa.Text(), nullable=False, server_default=""))
        alerts.add_column(sa.Column("acknowledged_actor", key, nullable=False, server_default=""))
        alerts.add_column(sa.Column("remind_at", sa.BigInteger()))
        alerts.add_column(sa.Column("relapse_at", sa.BigInteger()))
        alerts.add_column(sa.Column("snoozed_by", key, nullable=False, server_default=""))
        alerts.add_column(sa.Column("policy", key, nullable=False, server_default=""))
        alerts.add_column(sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
        alerts.add_column(sa.Column("escalate_at", sa.BigInteger()))
        alerts.add_column(sa.Column("due_at", sa.BigInteger()))
        alerts.add_column(sa.Column("ends_at", sa.BigInteger()))
    op.create_index("ix_alerts_incident", "alerts", ["incident"], sqlite_where=MEMBER, postgresql_where=MEMBER)
    op.create_index("ix_alerts_due_at", "alerts", ["due_at"], sqlite_where=TIMED, postgresql_where=TIMED)
    op.create_index("ix_alerts_open", "alerts", ["opened_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "policies",
        sa.Column("kind", key, nullable=False),
        sa.Column("id", key, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_policies")),
    )
    op.create_table(
        "detectors",
        sa.Column("stream", key, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_detectors")),
    )

"""Many machines on one database: who drives which run (docs/decisions/0007-many-machines.md).

something is written for a run ─▶ Executor.pass_on ─▶ Desk.put ─▶ … one executor of all: take ─▶ runner.drive ─▶ waits or is over
                                                        ▲
                         Caretaker (one, by lease): what a dead executor held, what nobody put
"""

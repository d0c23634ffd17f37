"""How people order each action in so many words. Data only: ``intents.grammar.order_pattern`` says how a form is written.

The service's name is taken out before a form is tried (“in slack”, “the trello card”); ``~`` marks what needs no service to be named.
The first form that fits the whole order counts.
"""

from __future__ import annotations

from intents.order_forms.code_and_figures import CODE_AND_FIGURES
from intents.order_forms.files_and_customers import FILES_AND_CUSTOMERS
from intents.order_forms.messages import MESSAGES
from intents.order_forms.projects import PROJECTS

ORDERS: dict[str, tuple[str, ...]] = {**MESSAGES, **PROJECTS, **FILES_AND_CUSTOMERS, **CODE_AND_FIGURES}

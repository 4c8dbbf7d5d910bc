"""What other systems call what is filled into a text: `first_name`, `customer.name`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FIRST, _NAME, _AGENT = "contact.first_name", "contact.name", "agent.name"
_MEANT: Mapping[str, str] = {
    "firstname": _FIRST, "fname": _FIRST, "givenname": _FIRST, "first": _FIRST, "customerfirstname": _FIRST,
    "contactfirstname": _FIRST, "nome": _FIRST, "vorname": _FIRST, "prenom": _FIRST,
    "name": _NAME, "fullname": _NAME, "customername": _NAME, "contactname": _NAME, "customer": _NAME, "contact": _NAME,
    "client": _NAME, "clientname": _NAME, "username": _NAME, "user": _NAME, "yourname": _NAME,
    "agent": _AGENT, "agentname": _AGENT, "operator": _AGENT, "myname": _AGENT, "signature": _AGENT,
    "phone": "contact.phone", "phonenumber": "contact.phone", "contactphone": "contact.phone",
    "mobile": "contact.phone",
    "inbox": "inbox.name", "inboxname": "inbox.name", "company": "inbox.name", "conversationid": "conversation.id",
    "ticket": "conversation.id", "ticketid": "conversation.id", "lastname": "", "lname": "", "surname": "", "email": "",
    "order": "", "ordernumber": "", "orderid": "", "date": "", "link": "", "companyname": "inbox.name",
}  # fmt: skip
_CONTACT = frozenset({"contact", "customer", "client", "user", "recipient", "person", "lead", "member", "guest"})


def variable_meant(word: str) -> str | None:
    """The variable that a placeholder or an unknown variable stands for; empty: something that nothing fills in; None:
    not known. A name alone is the contact's, never the agent's."""
    owner, _, last = word.lower().rpartition(".")
    for written in (word, last) if owner in _CONTACT else (word,):
        found = _MEANT.get(re.sub(r"[\W_]", "", written).lower())
        if found is not None:
            return found
    return None

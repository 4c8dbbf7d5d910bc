"""What of the plan agents of an inbox may use, and what its face has."""

from __future__ import annotations

from casella.desk.parts.desk_file import Inbox
from casella.desk.parts.types import FEATURES, Feature
from casella.errors import FeatureOff, NotAllowed

NOT_IN_CONTACT_CENTER: tuple[Feature, ...] = ("assistant", "campaigns")


class NotInPlan(NotAllowed):
    """This is not in the plan of this inbox; ask a manager."""

    code = "feature_not_in_plan"


class NotInContactCenter(NotAllowed):
    """A contact center does not have this."""

    code = "not_in_contact_center"


class SurveysOff(FeatureOff):
    """Customers of this inbox are not asked; a manager has switched surveys off."""

    code = "surveys_off"


def features_of(inbox: Inbox | None) -> tuple[Feature, ...]:
    """Of one that the desk does not have: everything."""
    if inbox is None:
        return FEATURES
    missing = NOT_IN_CONTACT_CENTER if inbox.face == "contact_center" else ()
    found = tuple(one for one in FEATURES if one in inbox.features and one not in missing)
    return found if inbox.surveys else tuple(one for one in found if one != "survey")


def require_feature(inbox: Inbox | None, feature: Feature) -> None:
    """Raises NotInPlan, NotInContactCenter for what that face never has (S-09, S-83, A-10), and SurveysOff."""
    if feature in features_of(inbox):
        return
    if feature == "survey" and inbox is not None and "survey" in inbox.features:
        raise SurveysOff
    if feature in NOT_IN_CONTACT_CENTER:
        require_engagement(inbox)
    raise NotInPlan(feature=feature)


def no_survey_because(inbox: Inbox | None) -> str | None:
    """Why customers of an inbox are not asked how it was, as a code; None: they are."""
    if inbox is not None and not inbox.surveys:
        return SurveysOff.code
    return None if "survey" in features_of(inbox) else NotInPlan.code


def require_engagement(inbox: Inbox | None) -> None:
    """Raises NotInContactCenter."""
    if inbox is not None and inbox.face == "contact_center":
        raise NotInContactCenter

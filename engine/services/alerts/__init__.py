"""Alerts: on a price, an indicator's value or a drawn line; they outlast a restart."""

from engine.services.alerts.alert import Alert, Cross, Fired, LineRule, PriceRule, PriceSource, Repeat, Rule, StudyRule
from engine.services.alerts.service import AlertFired, Alerts, AlertsChanged

__all__ = [
    "Alert",
    "AlertFired",
    "Alerts",
    "AlertsChanged",
    "Cross",
    "Fired",
    "LineRule",
    "PriceRule",
    "PriceSource",
    "Repeat",
    "Rule",
    "StudyRule",
]

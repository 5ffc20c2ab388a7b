"""The closing report: drafted from the work, sent by the owner."""

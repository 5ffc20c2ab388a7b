"""How far rows are counted."""

from __future__ import annotations

#: Counting unread ones stops here; more are shown as “99+”.
MOST_UNREAD = 99


#: Counting stops here; more are shown as “1,000+”.
COUNT_LIMIT = 1000

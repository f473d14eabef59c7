"""审计与本机构: what an auditor sees first, and what administrators and privacy officers do."""

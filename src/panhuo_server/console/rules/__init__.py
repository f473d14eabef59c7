"""规则: every rule with its source, versions and effect, who it fired on, and a bench to try one on."""

"""进件与授信审批: what the last night proposes for those who ask, and the card that explains it to them."""

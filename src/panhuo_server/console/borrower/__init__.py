"""本人事务: what a borrower or debtor sees of itself and asks for; and where an organisation answers."""

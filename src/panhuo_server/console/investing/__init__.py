"""受让方: what others offer to a buyer, as far as it is shared, and the buyer's own notes."""

"""资产转让与处置招商: packages frozen at their base day, summed, authorised, exported; nothing is sold here."""

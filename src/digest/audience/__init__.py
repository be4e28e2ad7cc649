"""People: addresses, sign-up, import and export, evidence of consent."""

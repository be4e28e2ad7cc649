"""Bounces: what comes back of the mails that were sent; pure rules, which know no mailbox and no database."""

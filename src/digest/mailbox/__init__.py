"""Mailboxes: folders and servers from which mails are read, and where those that were read go; they know no bounce and no setting."""

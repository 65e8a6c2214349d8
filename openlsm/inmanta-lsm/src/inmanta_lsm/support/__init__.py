"""The support archive: what somebody needs who has to find out from afar what happened on a server."""

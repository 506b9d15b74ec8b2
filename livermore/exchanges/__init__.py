"""Exchange codecs: frames and requests as pure values, one file an exchange. No sockets here."""

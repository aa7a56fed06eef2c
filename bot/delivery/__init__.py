"""Every message that nobody is waiting for goes out here."""

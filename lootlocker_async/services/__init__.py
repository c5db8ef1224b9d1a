"""One service class for each section of the API; a client has one of each."""

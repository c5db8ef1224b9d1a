"""What the Server API cannot create, section by section: the parts that `World` is made of."""

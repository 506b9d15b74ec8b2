"""What commands do, one file for each kind; `livermore.actors.control` takes them in and says what came of them."""

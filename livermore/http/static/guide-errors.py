"""What is wrong is said by an exception; what passes has been waited for, up to a minute."""

import os

from livermore.client import ApiError, Client, UnreachableError

with Client(os.environ["LIVERMORE_URL"], os.environ["LIVERMORE_KEY"], patience=60) as client:
    try:
        print(client.signals("coinbase", "NOT-LISTED"))
    except ApiError as error:
        print(error.status, error.code, error.message, error.param, error.request_id)
    except UnreachableError:
        print("nobody answers")

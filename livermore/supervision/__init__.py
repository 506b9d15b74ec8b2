"""Supervision: OTP's supervisor on Pykka. It knows nothing of markets.

What is promised, in short:

* Children start in the order of the list, each once the one before is ready, and stop in reverse.
* An actor can die in one way only: its host's single ``finally`` reports exactly one ``Down`` for each incarnation.
* A failure restarts as the strategy says; more than ``intensity`` of them within ``period`` fail the supervisor itself.
* `livermore.errors.Transient` is no failure: the child waits and is tried again; `Permanent` parks it.
* ``tell`` never raises and never blocks; what cannot be delivered is counted as a dead letter.
* Events of an incarnation that has been replaced change nothing, and what it sends is refused.
"""

"""Service records: hours that can be trusted, by 《志愿服务记录与证明出具办法（试行）》 (民政部令第67号).

``hours`` counts, ``steps`` says which step is legal and whose hands it may come from (both pure); ``proposing`` takes
down what a service was, ``signing`` is confirmation by whoever led it and the second signature of a recorder,
``objecting`` what is said against a record while it is under public notice, ``locking`` its end and the ledger,
``deadlines`` who is told that the ten working days (art. 11) run out; ``seen`` what people read.

Nothing is edited after it was signed: a correction is a record of its own that takes the place of the older one, and
in the ledger a contra entry beside the credit (art. 13).
"""

"""Generated code for the buckets of a bucket query: their ids, written out for the number of values that they have.

It is called as `run(keys, priority, reasons)`, and returns a bucket for each key.
"""

from collections.abc import Callable, Collection

from syncrules.engine.bucket import Reason, ResolvedBucket, resolved_bucket
from syncrules.engine.bucket_id import id_code, quoted, value_text
from syncrules.engine.found import Key
from syncrules.engine.source_code import SourceCode, tuple_code
from syncrules.plan.nodes import Bucket

BucketFunction = Callable[[Collection[Key], int, tuple[Reason, ...]], list[ResolvedBucket]]


def bucket_code(bucket: Bucket, stream: str) -> SourceCode:
    """The code that makes the buckets which a stream has in a family; `run` is its entry."""
    code = SourceCode(constants={"resolved_bucket": resolved_bucket, "value_text": value_text, "quoted": quoted})
    prefix, definition = code.constant(bucket.name + "["), code.constant(stream)
    values = [f"value{number}" for number in range(1, bucket.arity + 1)]
    with code.block("def run(keys, priority, reasons):"):
        code.line("made = []")
        with code.block("for key in keys:"):
            if values:
                code.line(f"{tuple_code(values)} = key")
            made = f"{id_code(prefix, values)}, key, priority, {definition}, reasons"
            code.line(f"made.append(resolved_bucket(({made})))")
        code.line("return made")
    return code

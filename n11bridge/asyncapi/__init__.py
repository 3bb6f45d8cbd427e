"""The contract for machines: AsyncAPI 3, made from what the capabilities declare.

- `document`: channels, messages and operations.
- `schemas`: what a payload may hold, as JSON Schema.
- `markdown`: the same as a page to read.
"""

from n11bridge.asyncapi.document import document
from n11bridge.asyncapi.markdown import page

__all__ = ["document", "page"]

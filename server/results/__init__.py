"""The component by which pages show a result: sorted, filtered, counted and turned by what stands in the address.

`ResultView` is read from an address and written into one; `ResultControls` is what the page shows around the rows.
`CsvMetadata` says what the columns of its CSV mean.

See docs/decisions/results.md.
"""

from server.results.controls import ResultControls
from server.results.csv_metadata import CsvMetadata
from server.results.view import ResultView

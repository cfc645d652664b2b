"""Questions to begin with, on the start page and where none is asked."""

EXAMPLES = {
    "Which Chinese city is Birmingham twinned with?": "en",
    "Does York have a Chinese twin?": "en",
    "深圳有没有英国的友好城市？": "zh-Hans",
    "Who are the Chinese members of C40?": "en",
    "UK city with an office in Brussels": "en",
}
"""Questions that are answered, each with its language; the first three stand on the start page, too."""

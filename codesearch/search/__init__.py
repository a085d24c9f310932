"""From a query to hits: understanding, recall, fusion, re-ranking, explanation."""

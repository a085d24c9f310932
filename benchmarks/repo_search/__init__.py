"""Search inside 16 public repositories: NDCG@10 against published figures."""

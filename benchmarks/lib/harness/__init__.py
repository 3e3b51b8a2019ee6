"""What the benchmark scripts share: private servers, a raw RESP client, load, and tables."""

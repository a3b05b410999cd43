"""The model seen from outside: train, evaluate, explain, cases."""

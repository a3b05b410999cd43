"""What a match is: pure functions on frames; knows no scheduler, SQL, HTTP, vendor or clock."""

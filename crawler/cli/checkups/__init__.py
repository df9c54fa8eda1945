"""What `kliping doctor` looks at."""

"""What an archive of an earlier Kliping lacks, made up beside visits."""

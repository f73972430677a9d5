"""What we decided: the register's files, and the councils, pilots and claims they describe."""

"""Personal data, credentials and tone: recognised in what people write. Pure rules and word lists."""

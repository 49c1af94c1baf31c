"""The service: who may do what to which rows."""

VERSION = "0.1.0"

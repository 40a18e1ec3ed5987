"""The API's document, written from what the functions' operations say: `make openapi`."""

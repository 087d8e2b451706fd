"""The studio: a page and an HTTP API over the same functions that the command line calls.

The server never does long work itself: requests become jobs in a durable queue, and one worker
process takes them. What is kept, songs, jobs and maps, lies in one data folder.
"""

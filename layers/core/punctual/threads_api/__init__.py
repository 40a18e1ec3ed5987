"""How Threads speaks: https://developers.facebook.com/documentation/threads"""

"""Hubs that push what is published (WebSub, W3C 2018). Pure."""

"""When does a plan's money come and go?"""

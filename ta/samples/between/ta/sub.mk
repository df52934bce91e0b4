global-incdirs-y += include
# What is said to hello, hello's own header has.
global-incdirs-y += ../../hello/ta/include
srcs-y += between_ta.c

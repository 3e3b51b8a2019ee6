return require("resty.lrucache").new(20000)

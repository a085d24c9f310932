"""Packages that are only ever measured on: at least one of each language."""

from __future__ import annotations

HELD_OUT = frozenset(
    """
    pypi+networkx pypi+celery pypi+scrapy pypi+nltk pypi+tornado pypi+jinja2
    npm+mongoose npm+leaflet npm+eslint git+excaliburjs+Excalibur
    git+apache+commons-compress git+jhy+jsoup
    git+JoshClose+CsvHelper git+Humanizr+Humanizer
    git+lostisland+faraday git+jekyll+jekyll
    git+thephpleague+flysystem git+twigphp+Twig
    git+InsertKoinIO+koin git+onevcat+Kingfisher git+twitter+util
    git+lunarmodules+Penlight git+uber-go+zap git+labstack+echo
    git+rust-itertools+itertools git+hyperium+hyper
    git+libevent+libevent git+tmux+tmux git+taskflow+taskflow git+google+re2
    git+bitwalker+timex git+rrrene+credo git+haskell+vector git+haskell+bytestring
    git+karlseguin+http.zig git+mitchellh+libxev git+ocsigen+lwt git+c-cube+ocaml-containers
    git+JuliaGraphs+Graphs.jl git+cfug+dio git+tj+git-extras
    """.split()
)

from . import dashboards_controllers
